# frozen_string_literal: true

require_relative "../diagnosis"
require_relative "outcome"

module CrmSync
  module Internal
    # Collects what a doctor finds out. An error in one check is a finding as well, and the next checks follow.
    class Findings
      # The folder of the gem's own code.
      OWN = File.expand_path("..", __dir__)
      # How the places in gems and in Ruby itself begin.
      LIBRARIES = [*Gem.path, *RbConfig::CONFIG.values_at("rubylibdir", "vendordir", "sitedir").compact,
                   "<internal:"].freeze
      private_constant :OWN, :LIBRARIES

      def initialize
        @all = []
      end

      # @return [Array<CrmSync::Diagnosis::Finding>]
      def to_a = @all.dup

      # Runs the block, which returns what is right. An error is a problem, also one of the app's own blocks and
      # scopes.
      # @return [Boolean] whether there was no error
      def check(topic)
        add(:ok, topic, yield)
        true
      rescue StandardError => e
        problem(topic, e)
        false
      end

      # Runs the block, which returns warnings. Without any, adds what is right. Errors are problems as in {#check}.
      def warn_of(topic, right)
        warnings = yield
        warnings.each { |text| add(:warning, topic, text) }
        add(:ok, topic, right) if warnings.empty?
      rescue StandardError => e
        problem(topic, e)
      end

      # @param level [Symbol] +:ok+, +:warning+ or +:problem+
      # @param topic [String]
      # @param message [String]
      # @return [void]
      def add(level, topic, message)
        @all << Diagnosis::Finding.new(level, topic, message)
      end

      private

      # A deadline that the host has set ends the whole examination.
      def problem(topic, error)
        raise error if Outcome.deadline?(error)

        add(:problem, topic, error.is_a?(Error) ? error.message : failed(error))
      end

      # Describes an error of the database; and of any other one only its class and its place, because its message can
      # hold anything.
      def failed(error)
        return "the database does not answer a query of a run: #{Presentable.error(error)}" if of_database?(error)

        first, *others = error.backtrace_locations.to_a
        return "crm_sync itself failed: #{at(error, first)}; please report it" if first && own?(first)

        place = [*first, *others].find { |one| app?(one) }
        "code that the declaration runs raised #{at(error, place)}; mend it there"
      end

      def at(error, place) = [error.class, *("at #{place.path}:#{place.lineno}" if place)].join(" ")

      def own?(place) = path(place).start_with?(OWN)

      def app?(place) = !own?(place) && !path(place).start_with?(*LIBRARIES)

      def path(place) = place.absolute_path || place.path

      def of_database?(error)
        defined?(ActiveRecord::ActiveRecordError) && error.is_a?(ActiveRecord::ActiveRecordError)
      end
    end
  end
end
