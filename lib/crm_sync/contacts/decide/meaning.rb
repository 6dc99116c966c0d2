# frozen_string_literal: true

require "bigdecimal"
require "date"

module CrmSync
  module Contacts
    # Compares a value with what a column turns it into: 3 does not mean 3.5, and true does not mean "No".
    module Meaning
      DATE = /\A\d{4}-\d\d-\d\d\z/
      TIME = /\A\d\d:\d\d/
      private_constant :DATE, :TIME

      class << self
        # @param given [Object] the value in the declaration or in Salesforce
        # @param read [Object] the value that is read from the column after +given+ has been written
        # @return [Boolean]
        def same?(given, read)
          case read
          when true, false then given == read || given == read.to_s
          when Numeric then number?(given, read)
          when String then !truth?(given) && !given.is_a?(Enumerable)
          when Array, Hash then given.as_json == read.as_json
          else other?(given, read)
          end
        end

        private

        def truth?(given)
          [true, false].include?(given)
        end

        # Requires a text that is spelled as the number is: "042" may be a code.
        def number?(given, read)
          case given
          when Numeric then BigDecimal(given.to_s) == BigDecimal(read.to_s)
          when String then read.finite? && given == (read.is_a?(BigDecimal) ? read.to_s("F") : read.to_s)
          else false
          end
        end

        # Leaves objects of its own to the type: nobody else knows what they mean.
        def other?(given, read)
          moment = read.acts_like?(:time) || read.acts_like?(:date)
          return given == read || (given.is_a?(String) && !read.is_a?(String)) unless moment

          given.is_a?(String) ? moment?(given, read) : !truth?(given) && !given.is_a?(Numeric)
        end

        # Takes a text for a date only in ISO order: Rails also reads dates out of much else, and can only guess the
        # order of day and month.
        def moment?(text, read)
          return text == read.iso8601 unless read.acts_like?(:time)
          return text == read.to_date.iso8601 if text.match?(DATE)

          text = "2000-01-01T#{text}" if text.match?(TIME)
          DateTime.iso8601(text).to_time == read
        end
      end
    end
    private_constant :Meaning
  end
end
