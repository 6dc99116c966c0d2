# frozen_string_literal: true

module CrmSync
  # What the doctor has found out about a sync: whether its settings, its declaration, the app and the services fit
  # together (see {Running#doctor}).
  class Diagnosis
    # One finding: its +level+ (+:problem+, which prevents a run or a part of it; +:warning+, about what would better be
    # otherwise; or +:ok+), its +topic+, such as +"fields"+, and its +message+, which says what to do.
    Finding = Struct.new(:level, :topic, :message) do
      # @return [String] such as +"problem: fields: …"+
      def to_s
        "#{level}: #{topic}: #{message}"
      end

      # @return [String]
      def inspect
        "#<#{self.class.name} #{self}>"
      end

      # @return [Hash{String => String}]
      def as_json(*)
        Confidential.plain(to_h)
      end
    end

    # @return [String] the name of the sync
    attr_reader :sync
    # @return [Array<CrmSync::Diagnosis::Finding>] the findings, in the order in which they were made
    attr_reader :findings

    # @api private
    def initialize(sync, findings)
      @sync = sync
      @findings = findings.freeze
      freeze
    end

    # @return [Boolean] whether there are no problems; there may be warnings
    # @example
    #   exit UpdateUserSalesforceInfo.doctor.healthy? # in a script that checks a deployment
    def healthy?
      of(:problem).empty?
    end

    # @return [Array<CrmSync::Diagnosis::Finding>]
    def problems = of(:problem)

    # @return [Array<CrmSync::Diagnosis::Finding>]
    def warnings = of(:warning)

    # @return [String] the numbers of problems and warnings, and a line for each finding
    # @example
    #   puts UpdateUserSalesforceInfo.doctor
    def to_s
      [headline, *findings.flat_map { |finding| lines(finding) }].join("\n")
    end

    # @return [String] one line
    def inspect
      "#<#{self.class.name} #{headline}>"
    end

    # @return [Hash{Symbol => Object}] +healthy+ and +findings+
    def to_h
      { healthy: healthy?, findings: findings.map(&:to_h) }
    end

    # @return [Hash{String => Object}]
    def as_json(*)
      Confidential.plain(to_h)
    end

    private

    def headline
      counts = { "problem" => problems, "warning" => warnings }
      "#{sync}: #{counts.map { |noun, found| Presentable.counted(found.size, noun) }.join(", ")}"
    end

    def of(level) = findings.select { |finding| finding.level == level }

    # Returns the message with the topic; a message with several problems has a line for each.
    def lines(finding)
      finding.message.lines(chomp: true).each_with_index.map do |line, place|
        head = place.zero? ? [finding.level, finding.topic] : ["", ""]
        format("  %-7s  %-11s  %s", *head, line)
      end
    end
  end
end
