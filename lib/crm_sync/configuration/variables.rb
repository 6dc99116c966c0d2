# frozen_string_literal: true

require_relative "../notices/suggestion"

module CrmSync
  class Configuration
    # The environment variables that are read, and those that somebody may have meant to be read.
    module Variables
      OWN = %w[CRM_SYNC_STATE_DIR CRM_SYNC_HISTORY_DAYS CRM_SYNC_PLAN_SECRET].freeze
      PREFIX = "CRM_SYNC_"
      SERVICES = /\A#{PREFIX}(?:SALESFORCE|ZENDESK)_/
      private_constant :OWN, :PREFIX, :SERVICES

      class << self
        # @param service [String]
        # @param settings [Array<Symbol>] of the service
        # @param environment [#keys]
        # @return [Array<String>] for each variable that is none of the service's, or of no service, what may be meant
        def warnings(service, settings, environment = ENV)
          names = settings.map { |setting| setting.to_s.upcase }
          own, others = environment.keys.grep(/\A#{PREFIX}/o).partition { |name| name.start_with?(prefix(service)) }
          of_service(service, own, names) + of_none(service, others, names)
        end

        private

        def prefix(service)
          "#{PREFIX}#{service.upcase}_"
        end

        # An org or instance may have any name.
        def of_service(service, variables, names)
          unknown = variables.reject { |name| names.any? { |setting| name.end_with?("_#{setting}") } }
          unknown.map { |name| warning(name, prefix(service), names) }
        end

        def of_none(service, variables, names)
          known = OWN + names.map { |setting| prefix(service) + setting }
          unknown = variables.reject { |name| OWN.include?(name) || name.match?(SERVICES) }
          unknown.map { |name| warning(name, PREFIX, known) }
        end

        # Compared without what they all begin with, which would make everything look near.
        def warning(name, prefix, known)
          near = Suggestion.for(name.delete_prefix(prefix), known.map { |one| one.delete_prefix(prefix) })
          "the environment variable #{name} is not a setting, and changes nothing; " \
            "#{near ? "did you mean #{prefix}#{near}?" : "docs/configuration.md lists them"}"
        end
      end
    end
    private_constant :Variables
  end
end
