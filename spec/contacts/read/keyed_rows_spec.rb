# frozen_string_literal: true

require "rails_helper"
require "support/contact_sync_world"

RSpec.describe CrmSync::Contacts::KeyedRows do
  include ContactSyncWorld

  %i[sqlite postgresql].each do |database|
    describe "on #{database}" do
      using_database database

      subject(:rows) { described_class.new(schema, User.unscoped.select(:id, :first_name)) }

      let(:schema) { CrmSync::Contacts::Schema.new(UpdateUserSalesforceInfo.declaration) }
      let!(:users) { %w[Ann Bob].map { |first_name| create_user(first_name:) } }

      def names(keys) = rows.of(keys).map { |row| row["first_name"] }

      it "finds one row and several, and none that is gone" do
        all = users.map(&:id)
        expect([all, all.last(1), [0]].map { |keys| names(keys).sort }).to eq([%w[Ann Bob], %w[Bob], []])
      end

      it "finds the row as it is now, again and again" do
        ann = users.first
        found = %w[Ann Anna].map { |first_name| ann.update!(first_name:) && names([ann.id]) }
        expect(found).to eq([%w[Ann], %w[Anna]])
      end

      it "does without prepared statements where the host does" do
        expect(User.connection.unprepared_statement { names([users.first.id]) }).to eq(%w[Ann])
      end
    end
  end
end
