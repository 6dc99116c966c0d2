# frozen_string_literal: true

require "rails_helper"

# The settings of the gem openstax_salesforce, for which a module of its form stands in here.
RSpec.describe "config.salesforce.from_openstax" do
  let(:salesforce) { CrmSync::Configuration.new.salesforce }

  def openstax_has(login_domain: "tutor.my.salesforce.com", consumer_key: "key", consumer_secret: Simulated::SECRET)
    members = { login_domain:, consumer_key:, consumer_secret:, username: "bot@b.edu", password: Simulated::SECRET }
    configuration = Struct.new(*members.keys).new(*members.values)
    stub_const("OpenStax::Salesforce", Module.new { define_singleton_method(:configuration) { configuration } })
    configuration
  end

  def values
    %i[host client_id client_secret].map { |setting| salesforce.public_send(setting) }
  end

  it "takes the host and the app's key and secret, and signs in with client credentials" do
    openstax_has
    salesforce.from_openstax
    expect(values).to eq(["tutor.my.salesforce.com", "key", Simulated::SECRET])
    expect(salesforce).to have_attributes(grant: "client_credentials", username: nil, password: nil)
    expect { salesforce.native }.not_to raise_error
  end

  it "takes what is there when it is used, which an initializer that comes later may set" do
    configuration = openstax_has(consumer_key: nil)
    salesforce.from_openstax
    configuration.consumer_key = "late"
    expect(salesforce.client_id).to eq("late")
  end

  it "comes before what was set, and behind what is set afterwards" do
    openstax_has
    salesforce.host = "before.my.salesforce.com"
    salesforce.from_openstax
    salesforce.client_id = "after"
    expect(values).to eq(["tutor.my.salesforce.com", "after", Simulated::SECRET])
  end

  it "is told apart for each org" do
    openstax_has
    configuration = CrmSync::Configuration.new
    configuration.salesforce(:marketing).from_openstax
    expect([configuration.salesforce.host, configuration.salesforce(:marketing).host])
      .to eq([nil, "tutor.my.salesforce.com"])
  end

  it "says at once when the gem is not there" do
    hide_const("OpenStax::Salesforce")
    expect { salesforce.from_openstax }
      .to raise_error(CrmSync::ConfigurationError, /openstax_salesforce is not loaded; add it to the Gemfile, or set/)
  end

  it "has no values any more when the gem is gone, and can still be looked at" do
    openstax_has
    salesforce.from_openstax
    hide_const("OpenStax::Salesforce")
    expect([salesforce.host, salesforce.inspect]).to match([nil, /host: nil/])
  end

  { host: :login_domain, client_id: :consumer_key, client_secret: :consumer_secret }.each do |ours, theirs|
    it "says where #{theirs} is missing" do
      openstax_has(theirs => " ")
      salesforce.from_openstax
      expect { salesforce.native }.to raise_error(
        CrmSync::ConfigurationError,
        "salesforce.#{ours} is not set; set #{theirs} in OpenStax::Salesforce.configure, or #{ours} in " \
        "CrmSync.configure"
      )
    end
  end

  it "says the same of a version of the gem that has no such setting" do
    stub_const("OpenStax::Salesforce", Module.new { define_singleton_method(:configuration) { Object.new } })
    salesforce.from_openstax
    expect { salesforce.native }.to raise_error(CrmSync::ConfigurationError, /host is not set; set login_domain in/)
  end

  it "says that a login host does not do" do
    openstax_has(login_domain: "test.salesforce.com")
    salesforce.from_openstax
    expect { salesforce.native }.to raise_error(
      CrmSync::ConfigurationError,
      /host is a login host, where .* client_credentials does not work; give .*; set login_domain in OpenStax/
    )
  end

  it "names the place of ours for what is set here" do
    openstax_has
    salesforce.from_openstax
    salesforce.host = "no host"
    expect { salesforce.native }
      .to raise_error(CrmSync::ConfigurationError, /set it in CrmSync.configure or as CRM_SYNC/)
  end

  it "lets no secret out, also where it is in the wrong place" do
    configuration = openstax_has
    salesforce.from_openstax
    shown = [salesforce.inspect, salesforce.to_json, salesforce.pretty_inspect].join
    expect(shown).not_to include(Simulated::SECRET)
    configuration.login_domain = Simulated::SECRET
    expect { salesforce.native }.to raise_error(CrmSync::ConfigurationError) { |error|
      expect(error.message).not_to include(Simulated::SECRET)
    }
  end
end
