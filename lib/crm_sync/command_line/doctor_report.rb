# frozen_string_literal: true

module CrmSync
  module CommandLine
    # Reports what the doctor has found out.
    class DoctorReport
      # @param diagnosis [CrmSync::Diagnosis]
      def initialize(diagnosis)
        @diagnosis = diagnosis
      end

      # @return [Symbol]
      def status
        @diagnosis.healthy? ? :healthy : :unhealthy
      end

      # @return [Hash{Symbol => Object}] for JSON
      def to_h
        { status:, findings: @diagnosis.findings.map(&:to_h) }
      end

      # @return [String] for people
      def to_s
        @diagnosis.to_s
      end

      # @return [Array<Array(Symbol, String)>] the lines that +--quiet+ prints to stderr, each with its level
      def unsaid
        { error: @diagnosis.problems, warning: @diagnosis.warnings }.flat_map do |level, findings|
          findings.map { |finding| [level, "#{finding.topic}: #{finding.message}"] }
        end
      end
    end
    private_constant :DoctorReport
  end
end
