# frozen_string_literal: true

require "rails_helper"
require "support/contact_sync_world"

# An app may log its statements, as Rails does at the level debug.
RSpec.describe "the log of statements" do
  include ContactSyncWorld

  def logged
    before = ActiveRecord::Base.logger
    ActiveRecord::Base.logger = Logger.new(text = StringIO.new)
    yield
    text.string
  ensure
    ActiveRecord::Base.logger = before
  end

  def teachers
    users = %w[ann bob].map { |name| create_user(email: "#{name}@b.edu") }
    salesforce_has contact("ann@b.edu", faculty: "Confirmed"), contact("bob@b.edu", "bobby@b.edu"), lead("bob@b.edu")
    users
  end

  on_each_database do
    {
      "a run for everybody" => ->(_) { sync },
      "a call for one user" => ->(user) { sync(only: user) },
      "a plan for some" => ->(user) { UpdateUserSalesforceInfo.plan(only: User.where(id: user.id)) },
      "an explanation" => ->(user) { UpdateUserSalesforceInfo.explain(user) },
      "an explanation of an address" => ->(_) { UpdateUserSalesforceInfo.explain("Bob@B.edu") },
      "an undo" => ->(_) { sync.undo! }
    }.each do |name, act|
      it "has nobody's address after #{name}" do
        users = teachers
        text = logged { instance_exec(users.first, &act) }
        expect(text).to include("SELECT")
        expect(text.downcase[/.*(?:ann|bobb?y?)@.*/]).to be_nil
      end
    end
  end
end
