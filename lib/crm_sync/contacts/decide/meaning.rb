# frozen_string_literal: true

require "active_support/core_ext/object/acts_like"
require "active_support/core_ext/object/json"
require "bigdecimal"
require "date"

module CrmSync
  module Contacts
    # Compares a value with the value that a column makes of it: 3 does not mean the same as 3.5, nor true the same as
    # "No".
    module Meaning
      DATE = /\A\d{4}-\d\d-\d\d\z/
      TIME = /\A\d\d:\d\d/
      private_constant :DATE, :TIME

      class << self
        # @param given [Object] the value in the declaration or from Salesforce
        # @param read [Object] the value that the column returns after +given+ has been written
        # @return [Boolean] whether both mean the same
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

        # Requires that a text is spelled as the number is: "042" may be a code.
        def number?(given, read)
          case given
          when Numeric then BigDecimal(given.to_s) == BigDecimal(read.to_s)
          when String then read.finite? && given == (read.is_a?(BigDecimal) ? read.to_s("F") : read.to_s)
          else false
          end
        end

        # Relies on the type for objects of other classes, because only the type knows what they mean.
        def other?(given, read)
          moment = read.acts_like?(:time) || read.acts_like?(:date)
          return given == read || (given.is_a?(String) && !read.is_a?(String)) unless moment

          given.is_a?(String) ? moment?(given, read) : !truth?(given) && !given.is_a?(Numeric)
        end

        # Accepts a text as a date only in ISO format. Rails parses dates in many other formats too, and can only guess
        # the order of day and month.
        def moment?(text, read)
          return text == read.iso8601 unless read.acts_like?(:time)
          return text == read.to_date.iso8601 if text.match?(DATE)

          text = "2000-01-01T#{text}" if text.match?(TIME)
          DateTime.iso8601(text).getutc == read
        end
      end
    end
    private_constant :Meaning
  end
end
