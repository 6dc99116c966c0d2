# frozen_string_literal: true

require_relative "kept_form"

module CrmSync
  # The form of the header of a kept plan, as far as the plan is built from it.
  module HeaderForm
    include KeptForm

    COUNTS = Named.new(COUNT)
    BOOK = { "rows" => COUNT, "buckets" => COUNTS, "notes" => COUNTS }.freeze
    # An issue.
    ISSUE = { "kind" => TEXT, "message" => TEXT, "field" => Maybe.new(TEXT), "contacts" => Maybe.new([TEXT]),
              "users" => Maybe.new([KEY]), "accounts" => Maybe.new([KEY]), "organizations" => Maybe.new([KEY]) }.freeze
    # The counts of a source.
    SOURCE = { "name" => TEXT, "rows" => COUNT, "linked" => COUNT, "by" => Maybe.new(TEXT),
               "one_each" => Maybe.new(FLAG), "filled" => COUNTS, "followed" => COUNT, "unknown" => COUNTS,
               "came" => Maybe.new(COUNT), "unnamed" => Named.new(COUNTS) }.freeze
    # The parts of what is remembered of a source; see {SourceDay}, {SourceDrift} and {SourceNews}.
    LOOK = Tuple.new([Integer, COUNT, COUNTS])
    JUMP = Tuple.new([TEXT, TEXT, COUNT, COUNT, Integer])
    REMEMBERED = Present.new({ "rows" => COUNT, "filled" => COUNTS, "followed" => COUNT, "unknown" => COUNTS,
                               "day" => [LOOK], "drift" => [JUMP], "seen" => Named.new(Named.new(Integer)) })
    WHOLE = {
      "origin" => Named.new(TEXT), "digest" => TEXT, "issues" => [ISSUE], "ledger" => Named.new(BOOK, %w[changes]),
      "source_check" => { "sources" => [SOURCE], "last" => Named.new(REMEMBERED) }, "whole" => FLAG,
      "read" => { "summary" => Present.new({ "missed" => Named.new(Maybe.new(Integer)) }), "lines" => [TEXT] }
    }.freeze
    private_constant :COUNTS, :BOOK, :SOURCE, :LOOK, :JUMP, :REMEMBERED, :WHOLE

    # @param kept [Hash{String => Object}] the header, parsed from JSON
    # @return [String, nil] the name of the first value that has another form
    def self.misfit(kept)
      KeptForm.misfit(WHOLE, kept)&.join(".")
    end
  end
  private_constant :HeaderForm
end
