# frozen_string_literal: true

require "thor"

module CrmSync
  module CommandLine
    # Arguments that cannot be right.
    # @api private
    class UsageError < Thor::Error; end
  end
end
