# frozen_string_literal: true

require_relative "usage_error"

module CrmSync
  module CommandLine
    # Parses +--allow+: budgets and sources that may go further this time. It is checked before anything is read,
    # because reading takes its time.
    module Allowance
      class << self
        # @param given [Hash{String => String}, nil]
        # @param names [Array<Symbol>] what may be allowed
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
