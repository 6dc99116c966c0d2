# frozen_string_literal: true

require "rails_helper"
require "support/contact_sync_world"

# A deadline is free to pass before a run has noted in which process it is.
RSpec.describe CrmSync::Running do
  include ContactSyncWorld

  using_database :sqlite

  let(:small) { sync_that { attribute :first_name, from: "FirstName" } }

  # The first questions for the number of the process are those of the run's own steps.
  (1..4).each do |number|
    it "raises the deadline that passes at its #{number}. question for its process, and no error of a fork" do
      salesforce_has
      asked = 0
      allow(Process).to receive(:pid).and_wrap_original do |pid|
        raise Timeout::Error, "execution expired" if (asked += 1) == number

        pid.call
      end
      expect { small.call }.to raise_error(Timeout::Error)
      allow(Process).to receive(:pid).and_call_original
      expect(small.call.status).to eq(:unchanged)
    end
  end
end
