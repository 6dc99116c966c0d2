# frozen_string_literal: true

require "crm_sync"

RSpec.describe "CrmSync::Internal::Findings" do
  let(:findings) { CrmSync.const_get(:Internal)::Findings.new }
  let(:lib) { File.expand_path("../../lib/crm_sync", __dir__) }

  # What is found out about a block that raises at a place.
  def message(path)
    findings.check("topic") { eval("raise IOError, 'ann@b.edu'", binding, path, 7) } # rubocop:disable Style/EvalWithLocation
    findings.to_a.map(&:message)
  end

  it "blame the app for an error in the app's code, without its words" do
    expect(message("app/models/user.rb"))
      .to eq(["code that the declaration runs raised IOError at app/models/user.rb:7; mend it there"])
  end

  it "blame the first place of the app for an error in a library" do
    path = File.join(Gem.path.first, "gems/x.rb")
    expect(message(path)).to contain_exactly(/raised IOError at #{__FILE__}:\d+; mend/)
  end

  it "blame the gem for its own errors" do
    path = File.join(lib, "plan.rb")
    expect(message(path)).to eq(["crm_sync itself failed: IOError at #{path}:7; please report it"])
  end
end
