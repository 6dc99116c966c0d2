# frozen_string_literal: true

require_relative "outcome"

module CrmSync
  module Contacts
    # Checks what the database has stored for a record by the query that reads the next record of the batch, and so
    # after the hooks, which are given what the record itself says. Once the database has said something else, it is
    # read before the hooks from then on; the hooks of that one record have run twice. Where triggers can rewrite the
    # record, or its contact's id is kept in another table, the database is read before the hooks from the start.
    class LateLook
      # Raised when the database does not have the values of a record after its hooks, although the record itself has
      # them.
      class Unlike < StandardError; end

      # @param schema [CrmSync::Contacts::Schema]
      # @param save [RecordSave]
      # @param read_back [ReadBack]
      def initialize(schema, save, read_back)
        @schema = schema
        @save = save
        @read_back = read_back
      end

      # Runs the block, which writes a record, in a savepoint; and once more if the database does not have what was
      # written.
      # @param standing [Database::Standing] the standing of the batch
      # @param begun [Database::BegunTransaction] the transaction of the batch
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
      # @param record [ActiveRecord::Base] the record as it is now, locked
      # @param change [CrmSync::Change]
      # @param records [RecordsInTurn] the records of the batch
      # @param following [CrmSync::Change, nil] the next change
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

      # Runs the block, which runs the hooks, and checks the database. It is checked for a hook that fails, too, which
      # may have seen what the record does not know. A deadline, however, ends the run whatever is stored, and waits for
      # no query.
      def follow(look)
        result = yield
      rescue StandardError => e
        raise if Outcome.deadline?(e)

        raise look.call ? e : Unlike
      else
        look.call ? result : raise(Unlike)
      end

      # Returns false if the query fails: after a failed statement, the database answers nothing in this savepoint.
      def stands?(change, following, records)
        @read_back.stands?(change, records.written(change, following))
      rescue ActiveRecord::StatementInvalid
        false
      end
    end
    private_constant :LateLook
  end
end
