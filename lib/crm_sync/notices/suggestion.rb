# frozen_string_literal: true

require "did_you_mean"

module CrmSync
  # The known name that somebody may have meant by one that is not known.
  module Suggestion
    class << self
      # @param name [#to_s] that is not known
      # @param known [Array<#to_s>]
      # @return [String, nil] the nearest one, where one is near
      def for(name, known)
        DidYouMean::SpellChecker.new(dictionary: known.map(&:to_s)).correct(name.to_s).first
      end

      # @param (see .for)
      # @return [String] the remedy
      def mend(name, known)
        near = self.for(name, known)
        near ? "did you mean #{near}?" : "add it or correct the name"
      end
    end
  end
  private_constant :Suggestion
end
