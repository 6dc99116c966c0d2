# frozen_string_literal: true

require_relative "../data"

module Bench
  module OpenstaxDay
    # Who is there when the day begins: contact n is that of user n, who is linked and up to date. The last of the
    # contacts are gone, every other one without a trace. All others of the users have no contact yet.
    class World
      # The names of the enum, each at the place of its value.
      STATUSES = %w[no_faculty_info pending_faculty confirmed_faculty rejected_faculty pending_sheerid
                    rejected_by_sheerid incomplete_signup].freeze
      # What Salesforce says, and what the app makes of it.
      SCHOOL_TYPES = { "College/University (4)" => 2, "High School" => 3, "K-12 School" => 4, "Home School" => 5,
                       "Academy" => 1, nil => 0 }.freeze
      ADOPTIONS = { "Current Adopter" => true, "Not Adopter" => false, "Past Adopter" => true }.freeze
      LOCATIONS = { "Domestic" => 1, "Foreign" => 2, nil => 0 }.freeze
      # Accounts whose own fields change during the day.
      MOODY_SHARE = 0.05
      # So many contacts have one Account.
      CONTACTS_AN_ACCOUNT = 70
      # The number of the first contact without a uuid; there is one for each run.
      SPARE = 5_000_000

      attr_reader :contacts, :users, :runs, :gone

      def initialize(contacts, users, runs, gone)
        @contacts = contacts
        @users = users
        @runs = runs
        @gone = gone
      end

      # @return [Time] when the day begins
      def start = Time.utc(2026, 2, 2)

      # @return [Integer] the number of Accounts
      def accounts = [contacts / CONTACTS_AN_ACCOUNT, 20].max

      # @return [Integer] the number of Accounts that change; they are the first
      def moody_accounts = (accounts * MOODY_SHARE).ceil

      # @return [Integer] the number of contacts that are there
      def present = contacts - gone

      # @return [Integer, nil] every tenth contact has no Account
      def account_of(number) = (number % accounts unless (number % 10).zero?)

      def contact_id(number) = Data.contact_id(number)
      def uuid(number) = Data.uuid(number)
      def account_id(number) = format("0014C%010dQAA", number)

      # @return [Hash{String => Array<Hash>}] the records of the org
      def records
        deleted = (present + 1..contacts).select(&:even?).map { |number| contact(number).merge("IsDeleted" => true) }
        spare = Array.new(runs) { |place| contact(SPARE + place).merge("Accounts_UUID__c" => nil) }
        { "Contact" => [*(1..present).map { |number| contact(number) }, *deleted, *spare],
          "Account" => Array.new(accounts) { |number| account(number) } }
      end

      # @return [Hash{String => Object}] what the contact says when the day begins
      def contact(number)
        { "Id" => contact_id(number), "Accounts_UUID__c" => uuid(number), **said(number),
          "AccountId" => account_of(number)&.then { |account| account_id(account) },
          "SystemModstamp" => "2025-11-03T10:00:00.000+0000", "IsDeleted" => false, "MasterRecordId" => nil }
      end

      # @return [Hash{String => Object}] the fields of a contact that the app takes over
      def said(number)
        { "FV_Status__c" => STATUSES[number % STATUSES.size], "School_Type__c" => nth(SCHOOL_TYPES, number),
          "Adoption_Status__c" => nth(ADOPTIONS, number) }
      end

      def nth(map, number) = map.keys[number % map.size]

      private

      def account(number)
        { "Id" => account_id(number), "School_Location__c" => nth(LOCATIONS, number), "K_I_P__c" => number.even?,
          "child_of_kip__c" => (number % 3).zero?, "SystemModstamp" => "2025-11-03T10:00:00.000+0000" }
      end
    end
  end
end
