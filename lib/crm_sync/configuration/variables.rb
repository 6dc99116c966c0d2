# frozen_string_literal: true

require_relative "../notices/suggestion"

module CrmSync
  class Configuration
    # Finds environment variables that look like settings of this gem but are not.
    module Variables
      OWN = %w[CRM_SYNC_STATE_DIR CRM_SYNC_HISTORY_DAYS CRM_SYNC_PLAN_SECRET].freeze
      PREFIX = "CRM_SYNC_"
      SERVICES = /\A#{PREFIX}(?:SALESFORCE|ZENDESK)_/
      private_constant :OWN, :PREFIX, :SERVICES

      class << self
        # @param service [String]
        # @param settings [Array<Symbol>] the settings of the service
        # @param environment [#keys]
        # @return [Array<String>] a warning for each variable that is no setting of the service, or belongs to no
        #   service; it names a similar setting, if there is one
        def warnings(service, settings, environment = ENV)
          names = settings.map { |setting| setting.to_s.upcase }
          own, others = environment.keys.grep(/\A#{PREFIX}/o).partition { |name| name.start_with?(prefix(service)) }
          of_service(service, own, names) + of_none(service, others, names)
        end

        private

        def prefix(service)
          "#{PREFIX}#{service.upcase}_"
        end

        # Accepts any name of an org or instance between the prefix and the setting.
        def of_service(service, variables, names)
          unknown = variables.reject { |name| names.any? { |setting| name.end_with?("_#{setting}") } }
          unknown.map { |name| warning(name, prefix(service), names) }
        end

        def of_none(service, variables, names)
          known = OWN + names.map { |setting| prefix(service) + setting }
          unknown = variables.reject { |name| OWN.include?(name) || name.match?(SERVICES) }
          unknown.map { |name| warning(name, PREFIX, known) }
        end

        # Compares the names without their common prefix, which would make all of them look similar.
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
