# frozen_string_literal: true

require_relative "outcome"

module CrmSync
  module Contacts
    # Looks at what stands there after a write by the statement that reads the next record of the batch, and so after
    # the hooks, who are told what the record itself says. From the first time that the database says something else, it
    # is asked before them: that record's hooks have run twice by then. Where triggers can rewrite the record, and where
    # its contact's id is kept beside it, it is asked before them from the start.
    class LateLook
      # Raised when a record that took its values does not have them in the database after its hooks.
      class Unlike < StandardError; end

      # @param schema [CrmSync::Contacts::Schema]
      # @param save [RecordSave]
      # @param read_back [ReadBack]
      def initialize(schema, save, read_back)
        @schema = schema
        @save = save
        @read_back = read_back
      end

      # Runs the block, which writes a record in a savepoint; once more if what it wrote does not stand there.
      # @param standing [Database::Standing] that of the batch
      # @param begun [Database::BegunTransaction] likewise
      # @return [Object] the result of the block
      def savepoint(standing, begun, &)
        standing.savepoint(&)
      rescue Unlike => e
        raise e.cause || begun.error unless begun.kept? && standing.kept?

        @early = true
        retry
      end

      # Saves a record, within {#savepoint}.
      #
      # @param record [ActiveRecord::Base] locked, and as it is now
      # @param change [CrmSync::Change]
      # @param records [RecordsInTurn] those of the batch
      # @param following [CrmSync::Change, nil] the change that is next
      # @yieldparam stored [CrmSync::Change] the change as it was stored, whose hooks are to run
      # @return [Object] the result of the block
      # @raise [ReadBack::PutBack] when some values were not stored
      def write(record, change, records, following)
        return yield(@save.call(record, change)) if following.nil? || early?

        @save.write(record, change)
        return yield(@save.stored(record, change)) unless @read_back.kept?(change, record)

        follow(-> { stands?(change, following, records) }) { yield(change) }
      end

      private

      def early?
        @early = @schema.link.beside?(@schema.link.name) || triggers? if @early.nil?
        @early
      end

      def triggers? = Database.for(@schema.connection).triggers?(@schema.model)

      # Runs the block, which runs the hooks, and looks. A hook that fails may have seen what the record does not know;
      # but a deadline ends the run, whatever stands there, and waits for no statement.
      def follow(look)
        result = yield
      rescue StandardError => e
        raise if Outcome.deadline?(e)

        raise look.call ? e : Unlike
      else
        look.call ? result : raise(Unlike)
      end

      # After a statement that failed, the database answers nothing in this savepoint.
      def stands?(change, following, records)
        @read_back.stands?(change, records.written(change, following))
      rescue ActiveRecord::StatementInvalid
        false
      end
    end
    private_constant :LateLook
  end
end
