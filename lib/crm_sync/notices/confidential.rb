# frozen_string_literal: true

require "active_support/parameter_filter"
require_relative "confidential_row"
require_relative "presentable"
require_relative "undumpable"

module CrmSync
  # Hides the contents of objects that hold secrets or people's addresses, and of all objects that may come to hold such
  # an object: they are neither shown by methods such as +inspect+ nor dumped. {cover} includes this module in every
  # class of the gem. A class that has something to show defines +inspect+ or +as_json+ itself.
  module Confidential
    include Undumpable

    # Shown instead of the values of columns that the app's +filter_parameters+ name.
    FILTERED = "[FILTERED]"

    class << self
      # Includes this module in all loaded classes of the gem, except exceptions and records: the message of an
      # exception contains nothing confidential, and records have {ConfidentialRow}.
      # @return [void]
      def cover
        # Constants do not lead to all classes, because some are private. Parents come first: a child that includes the
        # module itself would hide what its parent shows.
        ours = classes.select { |found| found.name&.start_with?("CrmSync::") }
        ours.sort_by { |found| found.ancestors.size }.each do |found|
          found.include(self) unless found <= Exception || found.include?(ConfidentialRow)
        end
      end

      # @param name [Symbol, String] the name of a column or field
      # @param value [Object]
      # @return [String] the value as it may be shown: without e-mail addresses, or {FILTERED} if +filter_parameters+
      #   name the column
      def value(name, value)
        filter.filter(name.to_s => "a value")[name.to_s] == "a value" ? Presentable.value(value) : FILTERED
      end

      # @param value [Object] data about the gem's own work: Hashes, Arrays, Symbols, numbers, times and texts
      # @return [Object] the same data for JSON, without e-mail addresses
      def plain(value)
        case value
        when Hash then value.to_h { |name, inner| [name.to_s, plain(inner)] }
        when Array then value.map { |inner| plain(inner) }
        when Numeric, true, false, nil then value
        when Time then value.getutc.iso8601
        else Presentable.text(value)
        end
      end

      private

      # Returns all classes by following +subclasses+ from BasicObject: a search through all objects takes longer the
      # more objects exist.
      def classes
        subclasses = Class.instance_method(:subclasses)
        # ActiveSupport 6.1 replaces +subclasses+ by such a search, one for each class.
        return ObjectSpace.each_object(Class) if subclasses.source_location

        [BasicObject].tap { |found| found.each { |parent| found.concat(subclasses.bind_call(parent)) } }
      end

      def filter
        filters = defined?(ActiveRecord::Base) ? ActiveRecord::Base.filter_attributes : []
        @filter = [filters.dup, ActiveSupport::ParameterFilter.new(filters)] unless @filter&.first == filters
        @filter.last
      end
    end

    # @return [String] the name of the class only
    def inspect
      "#<#{self.class.name}>"
    end

    # @return [String]
    def to_s
      inspect
    end

    # Prints the result of +inspect+ for +pp+, which would show the members of a Struct or the variables of an object.
    def pretty_print(printer)
      printer.text(inspect)
    end

    # Returns the Hash that Rails converts to JSON: empty unless the class defines it.
    # @return [Hash{String => Object}]
    def as_json(*)
      {}
    end

    # Returns JSON for the +json+ library.
    # @return [String]
    def to_json(*arguments)
      as_json.to_json(*arguments)
    end

    private

    # Returns what to do instead of dumping the object.
    def instead
      "keep those of its values that you need"
    end

    def why_not_dumpable = "may hold secrets or people's addresses"
  end
  private_constant :Confidential
end
