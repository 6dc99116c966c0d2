# frozen_string_literal: true

module CrmSync
  # Counts in how many full reads in a row a record of Salesforce has been missing.
  class MissingReads
    # @param state [CrmSync::State::Table, CrmSync::State::Folder]
    # @param key [String] the name under which the state keeps it
    def initialize(state, key)
      @state = state
      @key = key
    end

    # @return [Hash{String => Integer}] the reads of each record, as they were kept last
    def before
      @state.read(@key)
    end

    # @param ids [Array<String>] the records that are missing now
    # @param full [Boolean] whether this read was a full one, which counts; a record that is back starts anew after any
    #   read
    # @param known [Hash{String => Integer}] the reads of each before this one
    # @return [Hash{String => Integer}] the reads of each, with this one
    def with(ids, full: true, known: before)
      full ? ids.to_h { |id| [id, known.fetch(id, 0) + 1] } : known.slice(*ids)
    end

    # @param reads [Hash{String => Integer}] the result of {#with}
    # @param known [Hash{String => Integer}] what is kept by now
    def keep(reads, known: before)
      @state.write(@key, reads) if reads != known
    end
  end
  private_constant :MissingReads
end
