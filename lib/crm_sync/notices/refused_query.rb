# frozen_string_literal: true

module CrmSync
  # A query that Salesforce refuses because of the declaration: for an unknown name, or a condition that it cannot
  # parse. Other errors have nothing to do with the declaration.
  class RefusedQuery
    NAMES = %w[INVALID_FIELD INVALID_TYPE].freeze
    private_constant :NAMES

    # @param error [CrmSync::RemoteError]
    def initialize(error)
      @error = error
    end

    # @param sources [Array<#object, #where, #line>] the sources of the query
    # @param paths [Array<Array(String, String)>] the fields, each with the line on which it is declared
    # @return [CrmSync::MappingError, nil] the error with its line
    def mistake(sources, paths)
      case @error.code
      when *NAMES then MappingError.new([line_of_name(sources, paths), @error.message].compact.join(": "))
      when "MALFORMED_QUERY" then condition(sources)
      end
    end

    # @param sources [Array<#object>]
    # @return [Array<#object>] the sources, those that Salesforce names first: several may have a field with the wrong
    #   name
    def named_first(sources)
      sources.partition { |source| names?(source.object) }.flatten(1)
    end

    private

    # Relations to parents come after fields. Objects come last, because Salesforce names the object as well where only
    # a field is wrong.
    def line_of_name(sources, paths)
      names = [*paths.map { |path, line| [path.split(".").last, line] }, *relations(paths),
               *sources.map { |source| [source.object, source.line] }]
      names.find { |name, _| names?(name) }&.last
    end

    def relations(paths)
      paths.flat_map { |path, line| path.split(".")[0...-1].product([line]) }
    end

    def names?(name)
      @error.message.match?(/'#{Regexp.escape(name)}'/i)
    end

    # Returns the error about a condition, the only part of a query that the gem does not build itself.
    def condition(sources)
      source = sources.find { |known| @error.message.match?(/\bquery on #{Regexp.escape(known.object)}\b/) }
      MappingError.new("#{source.line}: where: Salesforce cannot read it; #{@error.message}") if source&.where
    end
  end
  private_constant :RefusedQuery
end
