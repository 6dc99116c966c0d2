# frozen_string_literal: true

require "strscan"

module CrmSync
  module Salesforce
    module Soql
      # A query with names in the places of its values.
      class Template
        QUOTED = /'(?:[^'\\]|\\.)*'/m
        NAME = /:([a-z_]\w*)/i
        # A word includes the colon after it: the colon in +00:00Z+ or +LAST_N_DAYS:30+ does not begin a name.
        CODE = /\w+:?|[^':\w]+|:/
        # The parts of a query that is not equivalent to several queries.
        UNSPLITTABLE = {
          "OR" => /\bOR\b/i, "NOT" => /\bNOT\b/i, "LIMIT" => /\bLIMIT\b/i, "OFFSET" => /\bOFFSET\b/i,
          "ORDER BY" => /\bORDER\s+BY\b/i, "GROUP BY" => /\bGROUP\s+BY\b/i,
          "an aggregate function" => /\b(?:COUNT|COUNT_DISTINCT|SUM|AVG|MIN|MAX)\s*\(/i,
          "a sub-query" => /\bSELECT\b.*\bSELECT\b/im
        }.freeze
        private_constant :QUOTED, :NAME, :CODE, :UNSPLITTABLE

        # @param soql [String]
        # @raise [ArgumentError] when a quote is not closed
        def initialize(soql)
          # Each piece is a kind and a text; the kind is +:code+, +:quoted+ or +:name+.
          @pieces = []
          scan(StringScanner.new(soql))
        end

        # @return [Array<Symbol>] the names, each once
        def names
          texts(:name).map(&:to_sym).uniq
        end

        # @param values [Hash{Symbol => String}] the values as they are written in SOQL
        # @return [String]
        def fill(values)
          @pieces.map { |kind, text| kind == :name ? values.fetch(text.to_sym) : text }.join
        end

        # @param name [Symbol] the name of a list
        # @return [String, nil] the reason why the query cannot be split by the list; +nil+ if it can
        def unsplittable(name)
          return "the list does not stand as IN :#{name}, once" unless in_list?(name)

          # Quoted texts and names count as a word without meaning.
          words = @pieces.map { |kind, text| kind == :code ? text : "?" }.join
          found, = UNSPLITTABLE.find { |_, pattern| words.match?(pattern) }
          "the query has #{found}" if found
        end

        private

        def scan(text)
          until text.eos?
            if text.scan(QUOTED) then @pieces << [:quoted, text.matched]
            elsif text.scan(NAME) then @pieces << [:name, text[1]]
            else
              code(text.scan(CODE) || raise(ArgumentError, "the query has a quote that is not closed"))
            end
          end
        end

        def code(text)
          @pieces.last&.first == :code ? @pieces.last[1] += text : @pieces << [:code, text]
        end

        def texts(kind)
          @pieces.filter_map { |found, text| text if found == kind }
        end

        def in_list?(name)
          return false unless texts(:name).one?(name.to_s)

          kind, before = @pieces[@pieces.index([:name, name.to_s]) - 1]
          kind == :code && before.match?(/(?:\A|\W)IN\s+\z/i)
        end
      end
      private_constant :Template
    end
  end
end
