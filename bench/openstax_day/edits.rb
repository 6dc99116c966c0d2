# frozen_string_literal: true

require_relative "world"

module Bench
  module OpenstaxDay
    # What happens between two runs: to the org, as records to create and fields to change, and to the app, as SQL.
    #
    # Nobody is met twice by what can depend on the order (a protected status, a contact that goes): then the database
    # is the same, however often the sync has run meanwhile.
    class Edits
      # New contacts, fields by object and id, and SQL.
      Edit = Struct.new(:created, :changed, :app)

      # How often each happens, per run. Together they stay below the budgets of a day.
      RATES = { contact_appears: 3, user_signs_up: 1, status_changes: 3, school_changes: 2, school_changes_again: 1,
                account_changes: 0.1, contact_is_deleted: 0.4, uuid_is_cleared: 0.1, contact_is_merged: 0.3,
                contact_is_merged_into_anothers: 0.1, uuid_is_corrected: 0.3, uuid_is_moved: 0.1,
                uuids_change_places: 0.1, ids_change_places: 0.1, id_becomes_wrong: 0.1, linked_user_is_deleted: 0.3,
                user_is_deleted: 0.3 }.freeze
      # The runs after which somebody signs up of whom Salesforce knew before.
      LATE = 3

      # @param world [World]
      def initialize(world)
        @world = world
        @random = Random.new(world.users)
        @linked = (1..world.present).reject { |number| moody?(number) }.shuffle(random: @random)
        @unlinked = (world.contacts + 1..world.users).reject { |number| (number % 20).zero? }.shuffle(random: @random)
        @next = world.users
        @school_changed = []
      end

      # @param run [Integer] counted from 1
      # @return [Edit]
      def before(run)
        @run = run
        @edit = Edit.new([], { "Contact" => {}, "Account" => {} }, [])
        RATES.each { |name, rate| times(rate).times { send(name) } }
        @edit
      end

      private

      def times(rate) = (@run * rate).floor - ((@run - 1) * rate).floor

      # The fields of these are changed by those of their Account, at any time of the day.
      def moody?(number) = @world.account_of(number)&.<(@world.moody_accounts)

      def linked = @linked.pop || raise("there are too few contacts for so many runs")
      def unlinked = @unlinked.pop || raise("there are too few users for so many runs")

      def id(number) = @world.contact_id(number)
      def any(map) = map.keys.sample(random: @random)
      def any_account = @world.account_id(@random.rand(@world.moody_accounts...@world.accounts))

      def create(uuid)
        fields = @world.said(@random.rand(1_000))
        @edit.created << { "Accounts_UUID__c" => uuid, **fields, "AccountId" => any_account, "LastName" => "Lee",
                           "SystemModstamp" => nil, "IsDeleted" => false, "MasterRecordId" => nil }
      end

      def change(number, **fields)
        change_record("Contact", id(number), fields)
      end

      def change_record(object, id, fields)
        (@edit.changed[object][id] ||= {}).update(fields.transform_keys(&:to_s))
      end

      def tell_app(sql)
        @edit.app << sql
      end

      def contact_appears = create(@world.uuid(unlinked))

      # The contact comes first.
      def user_signs_up
        create(@world.uuid(@next + @run))
        return if @run <= LATE

        late = @next + @run - LATE
        tell_app("INSERT INTO users (id, uuid) VALUES (#{late}, md5('user #{late}')::uuid)")
      end

      def status_changes
        change(linked, FV_Status__c: World::STATUSES.sample(random: @random))
      end

      def school_changes
        @school_changed << (number = linked)
        change(number, School_Type__c: any(World::SCHOOL_TYPES), Adoption_Status__c: any(World::ADOPTIONS),
                       AccountId: (any_account unless @random.rand(10).zero?))
      end

      def school_changes_again
        change(@school_changed.sample(random: @random), School_Type__c: any(World::SCHOOL_TYPES))
      end

      def account_changes
        id = @world.account_id(@random.rand(@world.moody_accounts))
        change_record("Account", id, { School_Location__c: any(World::LOCATIONS), K_I_P__c: @random.rand(2).zero? })
      end

      def contact_is_deleted = change(linked, IsDeleted: true)
      def uuid_is_cleared = change(linked, Accounts_UUID__c: nil)

      def contact_is_merged
        loser = linked
        winner = World::SPARE + @run - 1
        change(winner, Accounts_UUID__c: @world.uuid(loser))
        change(loser, IsDeleted: true, MasterRecordId: id(winner))
      end

      def contact_is_merged_into_anothers = change(linked, IsDeleted: true, MasterRecordId: id(linked))

      # The contact was another user's all the time; this one has another.
      def uuid_is_corrected
        number = linked
        uuid_is_moved(number)
        create(@world.uuid(number))
      end

      def uuid_is_moved(number = linked) = change(number, Accounts_UUID__c: @world.uuid(unlinked))

      def uuids_change_places
        first, second = Array.new(2) { linked }
        change(first, Accounts_UUID__c: @world.uuid(second))
        change(second, Accounts_UUID__c: @world.uuid(first))
      end

      def ids_change_places
        first, second = Array.new(2) { linked }
        tell_app("UPDATE users SET salesforce_contact_id = CASE id WHEN #{first} THEN '#{id(second)}' " \
                 "ELSE '#{id(first)}' END WHERE id IN (#{first}, #{second})")
      end

      def id_becomes_wrong
        first, second = Array.new(2) { linked }
        tell_app("UPDATE users SET salesforce_contact_id = '#{id(second)}' WHERE id = #{first}")
      end

      def linked_user_is_deleted = delete_user(linked)
      def user_is_deleted = delete_user(unlinked)

      def delete_user(number)
        tell_app("UPDATE users SET is_deleted = true WHERE id = #{number}")
      end
    end
  end
end
