# frozen_string_literal: true

require "rails_helper"
require_relative "../../ext/crm_sync/requirements"
require_relative "../support/pages"

RSpec.describe "docs/configuration.md" do
  page = Page.new("docs/configuration.md")

  it "names what the build needs" do
    *names, last = Requirements::BUILD.map(&:name)
    expect(page.prose).to include("That takes #{names.join(", ")} and #{last}.")
  end

  it "names the Rust that is needed" do
    needed = File.read(File.join(Leftovers::CHECKOUT, "Cargo.toml"))[/^rust-version = "(.*)"/, 1]
    expect(page.prose).to include("Rust #{needed} or newer")
  end

  it "shows a configuration that can be set" do
    configuration = CrmSync::Configuration.new
    allow(CrmSync).to receive(:configuration).and_return(configuration)
    page.run("configuration")
    expect(configuration.salesforce.read_timeout).to eq(30.0)
    expect(configuration.zendesk(:usgov).share).to eq(0.25)
  end

  it "shows how the settings of another gem are used" do
    theirs = double(login_domain: "example.my.salesforce.com", consumer_key: "key", consumer_secret: "secret")
    stub_const("OpenStax::Salesforce", Module.new { define_singleton_method(:configuration) { theirs } })
    configuration = CrmSync::Configuration.new
    allow(CrmSync).to receive(:configuration).and_return(configuration)
    page.run("openstax")
    expect(configuration.salesforce.client_id).to eq("key")
  end

  it "lists every setting with its variable and default" do
    rows = %w[Salesforce Zendesk].flat_map do |service|
      CrmSync::Configuration.const_get("#{service}Settings").const_get(:DEFAULTS).map do |name, default|
        ["`#{service.downcase}.#{name}`", "`CRM_SYNC_#{service.upcase}_#{name.upcase}`",
         default.nil? ? "none" : "`#{default.inspect}`"]
      end
    end
    expect(page.table("settings").map { |name, variable, _, default| [name, variable, default] }).to include(*rows)
  end

  it "lists every setting that belongs to no service, and so does the initializer" do
    names = CrmSync::Configuration.public_instance_methods(false).filter_map { |name| name[/\A(\w+)=\z/, 1] }
    expect(page.listed("settings")).to include(*names)
    template = "lib/generators/crm_sync/install/templates/initializer.rb.tt"
    initializer = File.read(File.join(Leftovers::CHECKOUT, template))
    expect(initializer.scan(/config\.(\w+) +=/).flatten).to include(*names)
  end

  it "lists every grant with what it cannot do without" do
    listed = page.table("grants").to_h { |grant, needs| [grant.delete("`"), needs[/\A[^;]*/].scan(/\w+/)] }
    needed = CrmSync::Configuration::SalesforceCheck.const_get(:GRANTS)
    expect(listed).to eq(needed.transform_values { |names| names.map(&:to_s) - ["client_id"] })
  end
end
