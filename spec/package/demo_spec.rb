# frozen_string_literal: true

require "rails_helper"

RSpec.describe "crm_sync demo" do
  let(:demo) do
    env = { "RAILS_ENV" => nil, "HOME" => scratch, "XDG_STATE_HOME" => nil }
    run_command(RbConfig.ruby, File.join(Leftovers::CHECKOUT, "exe/crm_sync"), "demo",
                env:, chdir: scratch, timeout: 350)
  end

  it "comes out as it must, without colours where nobody watches", timeout: 400 do
    expect(demo).to be_success, demo.stderr
    expect(demo.stdout.scan(/^✓.*/)).to eq(
      ["✓ the books balance", "✓ the second plan is empty", "✓ nobody lost a confirmation", "✓ nothing was written",
       "✓ all is written, and who is gone is marked", "✓ the second plan for the partners is empty",
       "✓ who is gone is marked, who is back is not", "✓ the edit stands, and the others are written",
       "✓ nobody was marked"]
    )
    expect(demo.stdout).not_to match(/✗|\e|\r/)
    expect(Dir.children(scratch).grep_v(/\Ad2/)).to eq([]), "it left #{Dir.children(scratch)}"
    expect(demo.stdout).to match(/^2632 of 2632 changes written$/).and match(/requests: 120 creations, 26 jobs, /)
  end
end
