# frozen_string_literal: true

require_relative "../read/key_selection"
require_relative "explanation"

module CrmSync
  module Contacts
    # Answers questions about a user. It is included in the planner.
    module Explaining
      # @param asked [ActiveRecord::Base, Object]
      # @return [Object] the primary key of the record
      # @raise [ArgumentError] when +asked+ is neither a saved record nor a primary key
      def key(asked)
        KeySelection.new(@schema).key(asked)
      end

      # @param asked [ActiveRecord::Base, Object] a record, its primary key, a value of a key such as an address, or the
      #   id of a contact or lead
      # @return [String] the explanation
      # @raise [ArgumentError] when +asked+ is none of these
      def explain(asked)
        keys, how = KeySelection.new(@schema).keys(asked)
        keys.empty? ? how : stories(keys, how)
      end

      private

      # Refuses the key of no record, which may be mistyped.
      def refuse_unknown(key)
        model = @schema.model
        return if model.unscoped.exists?(model.primary_key => key)

        raise ArgumentError, "there is no #{model.name} #{Presentable.text(key)}, and nothing of it is left alone"
      end

      def check_only(records)
        KeySelection.new(@schema).check_only(records) unless records.nil?
      end

      def stories(keys, how)
        known, plan = explained(keys)
        Explanation.new(@schema, plan, history).of_all(keys.zip(known), how)
      end

      def explained(keys)
        told(neighborhood(keys, everybody: true), keys)
      rescue NeedsFullRun
        told(reading(keep: false, everybody: true), keys)
      end

      def told(reading, keys)
        decide(reading) do |session, numbers, rules|
          [keys.map { |key| session.explain(key_of(key), rules, @host) },
           build(session, numbers, session.decide(rules, @host), nil)]
        end
      end

      # Returns the key as the session has it.
      def key_of(key) = @schema.integer_keys? ? key : @schema.text_of_key(key)
    end
    private_constant :Explaining
  end
end
