# frozen_string_literal: true

require_relative "usage_error"

module CrmSync
  module CommandLine
    # Parses +--allow+: the budgets and sources whose limits are raised for this run. The option is checked before
    # anything is read, because reading takes time.
    module Allowance
      class << self
        # @param given [Hash{String => String}, nil] the values of the option
        # @param names [Array<Symbol>] the budgets and sources that may be allowed
        # @return [Hash{Symbol => Integer}] as {OrganizationSync.call} takes it
        # @raise [UsageError]
        def parse(given, names)
          (given || {}).to_h { |name, number| [known(name, names), count(name, number)] }
        end

        private

        def known(name, names)
          names.find { |known| known.to_s == name } or
            raise UsageError, "--allow: there is no #{name.inspect}; there are #{names.join(", ")}"
        end

        def count(name, number)
          return Integer(number, 10) if number.match?(/\A\d+\z/)

          raise UsageError, "--allow: #{name} needs a number, such as #{name}:20"
        end
      end
    end
    private_constant :Allowance
  end
end
