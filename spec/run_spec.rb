# frozen_string_literal: true

require "rails_helper"
require_relative "support/partner_world"

RSpec.describe CrmSync::Run do
  include PartnerWorld

  it "says in its one line why it held changes back" do
    partners((1..14).map { |number| account(number) }, (1..20).map { |number| organization(number) })
    expect(PartnerSync.call.to_s).to match(/\Aheld: 6 held back, in \S+ s \(.*\): 6 changes of the kind mark\z/)
  end

  it "says in its one line why it wrote nothing" do
    partners([], [organization(1)])
    expect(PartnerSync.call.to_s).to match(/\Ablocked: nothing written, in \S+ s \(.*\): accounts came back empty, and/)
  end
end
