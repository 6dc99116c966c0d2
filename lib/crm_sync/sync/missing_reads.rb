# frozen_string_literal: true

module CrmSync
  # Counts the full reads in a row in which a Salesforce record has been missing.
  class MissingReads
    # @param state [CrmSync::State::Table, CrmSync::State::Folder]
    # @param key [String] the name under which the state keeps the counts
    def initialize(state, key)
      @state = state
      @key = key
    end

    # @return [Hash{String => Integer}] the kept number of reads of each record
    def before
      @state.read(@key)
    end

    # @param ids [Array<String>] the records that are missing now
    # @param full [Boolean] whether this read was a full one, which counts; a record that is back starts from 0 after
    #   any read
    # @param known [Hash{String => Integer}] the number of reads of each record before this one
    # @return [Hash{String => Integer}] the number of reads of each record, including this one
    def with(ids, full: true, known: before)
      return ids.to_h { |id| [id, known.fetch(id, 0) + 1] } if full

      ids.filter_map { |id| [id, known[id]] if known.key?(id) }.to_h
    end

    # @param reads [Hash{String => Integer}] the result of {#with}
    # @param known [Hash{String => Integer}] the counts that are kept now
    def keep(reads, known: before)
      @state.write(@key, reads) if reads != known
    end
  end
  private_constant :MissingReads
end
