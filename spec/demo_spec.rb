# frozen_string_literal: true

require "rails_helper"

RSpec.describe "demo/demo.rb" do
  let(:demo) { run_command(RbConfig.ruby, "demo/demo.rb", chdir: Leftovers::CHECKOUT, env: { "RAILS_ENV" => nil }) }

  it "comes out as it must, without colours where nobody watches" do
    expect(demo).to be_success, demo.stderr
    expect(demo.stdout.scan(/^✓.*/)).to eq(
      ["✓ the books balance", "✓ the second plan is empty", "✓ nobody lost a confirmation", "✓ nothing was written"]
    )
    expect(demo.stdout).not_to match(/✗|\e/)
  end
end
