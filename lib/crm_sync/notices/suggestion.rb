# frozen_string_literal: true

require "did_you_mean"

module CrmSync
  # Finds the known name that somebody may have meant by an unknown one.
  module Suggestion
    class << self
      # @param name [#to_s] the unknown name
      # @param known [Array<#to_s>]
      # @return [String, nil] the nearest name, if one is near
      def for(name, known)
        DidYouMean::SpellChecker.new(dictionary: known.map(&:to_s)).correct(name.to_s).first
      end

      # @param (see .for)
      # @return [String] what to do about the name
      def mend(name, known)
        near = self.for(name, known)
        near ? "did you mean #{near}?" : "add it or correct the name"
      end

      # @param name (see .for)
      # @param known [Array<Symbol>] the names of which one must be given
      # @return [String] the nearest of the names, if one is near, or else all of them; a text may be a name as well
      def among(name, known)
        near = known.find { |symbol| symbol.to_s == name } || self.for(name, known)
        return "did you mean #{near.to_sym.inspect}?" if near

        known.any? ? "there are #{known.inspect}" : "there are none"
      end
    end
  end
  private_constant :Suggestion
end
