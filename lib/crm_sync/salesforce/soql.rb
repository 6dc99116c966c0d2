# frozen_string_literal: true

require "bigdecimal"
require "date"
require "active_support/core_ext/date_time/calculations"
require_relative "soql/batches"
require_relative "soql/template"

module CrmSync
  module Salesforce
    # Puts values into SOQL so that no value can become part of the query itself.
    module Soql
      # The maximum length of a query in the URI, in bytes, percent-encoded. Salesforce refuses a URI of more than
      # 16,384 bytes, and one that exceeds that together with the headers. The limit of SOQL, 100,000 characters, is
      # never reached before this one.
      MAX_BYTES = 14_000

      # The characters that are escaped within the quotes of SOQL.
      ESCAPES = {
        "\\" => "\\\\", "'" => "\\'", "\n" => "\\n", "\t" => "\\t", "\r" => "\\r", "\b" => "\\b", "\f" => "\\f"
      }.freeze
      private_constant :ESCAPES

      class << self
        # Returns a value as it is written in SOQL.
        #
        # @param value [String, Symbol, Integer, Float, BigDecimal, Boolean, nil, Date, Time, DateTime, Array] times are
        #   written in UTC, with milliseconds; an Array becomes a list without duplicates
        # @return [String]
        # @raise [ArgumentError] when the value is of another class, a number that is not finite, text in an invalid
        #   encoding, or an empty list
        # @example
        #   Soql.quote("O'Neil") # => "'O\\'Neil'"
        #   Soql.quote([1, 2])   # => "(1,2)"
        def quote(value)
          return "(#{elements(value).join(",")})" if value.is_a?(Array)

          # Does not use +case+, because a time with a zone claims to be a Time, and is none.
          value.is_a?(Time) || value.is_a?(DateTime) ? time(value) : scalar(value)
        end

        # Replaces the names in a query, +:name+ outside of quotes, by values.
        #
        # If a list makes the query too long for the URI, the list and the query are split, provided that the queries
        # together return the same rows: the list occurs as <tt>IN :name</tt>, once, and the query has no OR, NOT,
        # LIMIT, OFFSET, ORDER BY, GROUP BY, aggregate function or sub-query. Under the same conditions an empty list
        # returns no query.
        #
        # @param soql [String]
        # @param values [Hash{Symbol => Object}] the arguments of {quote}
        # @return [Array<String>] one query; several or none for a list
        # @raise [ArgumentError] when a name has no value or a value no name, a value cannot be quoted, or the query is
        #   too long and cannot be split
        # @example
        #   Soql.bind("SELECT Id FROM Contact WHERE Email IN :emails", emails: ["a@b.edu", "c@d.edu"])
        #   # => ["SELECT Id FROM Contact WHERE Email IN ('a@b.edu','c@d.edu')"]
        def bind(soql, **values)
          template = Template.new(soql)
          compare(template.names, values.keys)
          Batches.new(template, values).queries
        end

        # @api private
        # @param list [Array]
        # @return [Array<String>] each element as it is written in SOQL, without duplicates
        # @raise [ArgumentError] when the list is empty or contains a list
        def elements(list)
          raise ArgumentError, "SOQL has no empty list" if list.empty?

          list.map { |value| value.is_a?(Array) ? scalar(value) : quote(value) }.uniq
        end

        private

        def compare(names, given)
          missing = names - given
          raise ArgumentError, "the query has :#{missing.first}, for which no value is given" if missing.any?

          unused = given - names
          raise ArgumentError, "the query has no :#{unused.first} outside of quotes" if unused.any?
        end

        def scalar(value)
          case value
          when String, Symbol then text(value.to_s)
          when Integer, true, false then value.to_s
          when Float, BigDecimal then decimal(value)
          when Date then value.strftime("%Y-%m-%d")
          when nil then "null"
          else raise ArgumentError, "#{value.class.name.inspect} cannot stand in SOQL"
          end
        end

        def text(value)
          raise ArgumentError, "the text is not valid #{value.encoding}" unless value.valid_encoding?

          "'#{String.new(value).encode(Encoding::UTF_8).gsub(/[\\'\n\t\r\b\f]/, ESCAPES)}'"
        rescue EncodingError
          raise ArgumentError, "the text cannot be written in UTF-8"
        end

        def decimal(value)
          raise ArgumentError, "#{value} cannot stand in SOQL" unless value.finite?

          BigDecimal(value.to_s).to_s("F")
        end

        def time(value)
          value.getutc.strftime("%Y-%m-%dT%H:%M:%S.%LZ")
        end
      end
    end
  end
end
