# frozen_string_literal: true

require "active_support/parameter_filter"
require_relative "confidential_row"
require_relative "presentable"
require_relative "undumpable"

module CrmSync
  # Hides objects that hold secrets or people's addresses, and all that may come to hold an object that does: nothing
  # that shows objects shows what is in them, and nothing writes them out whole. {cover} includes it in every class of
  # this gem. A class that has something to show defines +inspect+ or +as_json+ itself.
  module Confidential
    include Undumpable

    # The values of columns that the app's +filter_parameters+ name.
    FILTERED = "[FILTERED]"

    class << self
      # Includes it in all classes of the gem that are loaded. Exceptions and records are left out: an exception has a
      # message, which holds nothing confidential, and records have {ConfidentialRow}.
      # @return [void]
      def cover
        # Constants do not lead to all of them, because some are private. Parents come first: a child that had it for
        # itself would show nothing where its parent shows something.
        ours = classes.select { |found| found.name&.start_with?("CrmSync::") }
        ours.sort_by { |found| found.ancestors.size }.each do |found|
          found.include(self) unless found <= Exception || found.include?(ConfidentialRow)
        end
      end

      # @param name [Symbol, String] of a column or field
      # @param value [Object]
      # @return [String] the value as it may be shown: without addresses; nothing of it where +filter_parameters+ name
      #   the column
      def value(name, value)
        filter.filter(name.to_s => "a value")[name.to_s] == "a value" ? Presentable.value(value) : FILTERED
      end

      # @param value [Object] of what the gem says of itself: Hashes, Arrays, Symbols, numbers, times and texts
      # @return [Object] the same for JSON, without addresses
      def plain(value)
        case value
        when Hash then value.to_h { |name, inner| [name.to_s, plain(inner)] }
        when Array then value.map { |inner| plain(inner) }
        when Numeric, true, false, nil then value
        when Time then value.utc.iso8601
        else Presentable.text(value)
        end
      end

      private

      # Walks down from the first of all classes: a search through all objects takes the longer the more there are.
      def classes
        subclasses = Class.instance_method(:subclasses)
        # Rails 6.1 has put such a search, one for each class, in its place.
        return ObjectSpace.each_object(Class) if subclasses.source_location

        [BasicObject].tap { |found| found.each { |parent| found.concat(subclasses.bind_call(parent)) } }
      end

      def filter
        filters = defined?(ActiveRecord::Base) ? ActiveRecord::Base.filter_attributes : []
        @filter = [filters.dup, ActiveSupport::ParameterFilter.new(filters)] unless @filter&.first == filters
        @filter.last
      end
    end

    # @return [String] the class only
    def inspect
      "#<#{self.class.name}>"
    end

    # @return [String]
    def to_s
      inspect
    end

    # Prints itself for +pp+, which would show a Struct's members or an object's variables.
    def pretty_print(printer)
      printer.text(inspect)
    end

    # Returns what Rails makes JSON of: only what a class says of itself.
    # @return [Hash{String => Object}]
    def as_json(*)
      {}
    end

    # Returns JSON for the library of that name.
    # @return [String]
    def to_json(*arguments)
      as_json.to_json(*arguments)
    end

    private

    # Says what to do instead of dumping it.
    def instead
      "keep those of its values that you need"
    end

    def why_not_dumpable = "may hold secrets or people's addresses"
  end
  private_constant :Confidential
end
