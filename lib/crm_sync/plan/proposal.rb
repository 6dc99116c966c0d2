# frozen_string_literal: true

module CrmSync
  # The call that lets through what was refused, as messages propose it.
  module Proposal
    CALL = /[\w:]+\.call\(allow: \{ (?<allow>[^}]+) \}\)/
    private_constant :CALL

    class << self
      # @param sync_name [String]
      # @param allow [Hash{Symbol => Integer}]
      # @return [String]
      def call(sync_name, allow)
        "#{sync_name}.call(allow: { #{allow.map { |name, count| "#{name}: #{count}" }.join(", ")} })"
      end

      # The same text with other words for the call.
      # @param text [String]
      # @yieldparam allow [Array<String>] such as +"mark:20"+
      # @yieldreturn [String]
      def in_other_words(text)
        text.gsub(CALL) { yield Regexp.last_match[:allow].delete(" ").split(",") }
      end
    end
  end
  private_constant :Proposal
end
