# frozen_string_literal: true

require "bigdecimal"
require "date"
require_relative "soql/batches"
require_relative "soql/template"

module CrmSync
  module Salesforce
    # Puts values into SOQL, so that nothing that a value holds can become part of the query.
    module Soql
      # The bytes that a query may take in the URI, percent-encoded. Salesforce refuses a URI of more than 16,384 bytes,
      # and one that is longer than that together with the headers. The 100,000 characters that SOQL may have are never
      # reached before these.
      MAX_BYTES = 14_000

      # Characters that SOQL writes in another way within quotes.
      ESCAPES = {
        "\\" => "\\\\", "'" => "\\'", "\n" => "\\n", "\t" => "\\t", "\r" => "\\r", "\b" => "\\b", "\f" => "\\f"
      }.freeze
      private_constant :ESCAPES

      class << self
        # A value as it stands in SOQL.
        #
        # @param value [String, Symbol, Integer, Float, BigDecimal, Boolean, nil, Date, Time, DateTime, Array] times are
        #   written in UTC, to the millisecond; an Array becomes a list without duplicates
        # @return [String]
        # @raise [ArgumentError] when the value is of another class, no finite number, not text, or an empty list
        # @example
        #   Soql.quote("O'Neil") # => "'O\\'Neil'"
        #   Soql.quote([1, 2])   # => "(1,2)"
        def quote(value)
          return "(#{elements(value).join(",")})" if value.is_a?(Array)

          # Asked like this because a time with zone says that it is a Time, and is none.
          value.is_a?(Time) || value.is_a?(DateTime) ? time(value) : scalar(value)
        end

        # Puts values where the query has their names: +:name+, outside of quotes.
        #
        # A list that makes the query too long for the URI is split, and the query with it, where the queries together
        # give the same rows: the list stands as <tt>IN :name</tt>, once, and the query has no OR, NOT, LIMIT, OFFSET,
        # ORDER BY, GROUP BY, aggregate function or sub-query. Under the same conditions an empty list gives no query.
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
        # @return [Array<String>] each as it stands in SOQL, without duplicates
        # @raise [ArgumentError] when the list is empty or holds a list
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
          value.to_time.getutc.strftime("%Y-%m-%dT%H:%M:%S.%LZ")
        end
      end
    end
  end
end
