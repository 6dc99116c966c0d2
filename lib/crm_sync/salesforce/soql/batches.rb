# frozen_string_literal: true

require "set"

module CrmSync
  module Salesforce
    module Soql
      # Converts a query and its values to as many queries as needed for each to fit into a URI.
      class Batches
        # @param template [Template]
        # @param values [Hash{Symbol => Object}]
        def initialize(template, values)
          @template = template
          @values = values
        end

        # @return [Array<String>]
        # @raise [ArgumentError]
        def queries
          return [] if empty_list?

          @quoted = @values.transform_values { |value| Soql.quote(value) }
          whole = @template.fill(@quoted)
          bytes(whole) > MAX_BYTES ? split(longest_list, bytes(whole)) : [whole]
        end

        private

        def lists
          @values.select { |_, value| value.is_a?(Array) }
        end

        def empty_list?
          empty = lists.select { |_, list| list.empty? }.keys
          empty.each do |name|
            why = @template.unsplittable(name) or next
            raise ArgumentError, "the list :#{name} is empty, and #{why}: decide before the query what it would give"
          end
          empty.any?
        end

        def longest_list
          lists.keys.max_by { |name| bytes(@quoted[name]) }
        end

        def split(name, size)
          too_long = "the query takes #{size} bytes in the URI, where #{MAX_BYTES} have room"
          raise ArgumentError, "#{too_long}, and it has no list to split: make it shorter" unless name

          why = @template.unsplittable(name)
          raise ArgumentError, "#{too_long}, and :#{name} cannot be split: #{why}. Give shorter lists" if why

          room = MAX_BYTES - bytes(@template.fill(@quoted.merge(name => "()")))
          batches(name, room).map { |batch| @template.fill(@quoted.merge(name => "(#{batch.join(",")})")) }
        end

        # Splits a list into batches, each with as many elements as fit.
        def batches(name, room)
          left = 0
          groups(@values[name]).each_with_object([]) do |group, batches|
            size = bytes(group.join(","))
            raise ArgumentError, "there is no room for one element of :#{name}: make the query shorter" if size > room

            if batches.any? && bytes(",") + size <= left
              left -= bytes(",") + size
              batches.last.concat(group)
            else
              left = room - size
              batches << group
            end
          end
        end

        # Groups elements that Salesforce may consider equal: in different queries, they could return a row twice.
        def groups(list)
          folded = list.map { |value| fold(value) }
          known = folded.to_set
          # An id is the same with and without its three-character suffix.
          keys = folded.map { |key| short_id(key).then { |short| known.include?(short) ? short : key } }
          list.zip(keys).group_by(&:last).values.map { |group| Soql.elements(group.map(&:first)) }
        end

        # Ignores the case of text, and compares numbers by value, as Salesforce does.
        def fold(value)
          case value
          when String, Symbol then value.to_s.strip.downcase
          when Integer, Float, BigDecimal then value.to_r
          else value
          end
        end

        # Returns the short spelling of a text that may be an id in the long one, and other texts as they are. The case
        # has been lost here, and with it the means to check the suffix: rather too many elements stay together than too
        # few.
        def short_id(key)
          short = key[0...-3] if key.is_a?(String)
          RecordId.long(short) ? short : key
        end

        # Counts bytes in the encoding +application/x-www-form-urlencoded+: three for each byte that is neither a
        # letter, a digit, one of <tt>*-._</tt>, nor a space.
        def bytes(text)
          text.bytesize + (2 * text.b.count("^*\\-._0-9A-Za-z "))
        end
      end
      private_constant :Batches
    end
  end
end
