# frozen_string_literal: true

require_relative "reported_problems"

module CrmSync
  # Logs why changes were held or a run was blocked: in full when it is new and then once a day, otherwise in one line.
  class RefusalLog
    # @param declaration [CrmSync::Internal::Declaration]
    # @param log [CrmSync::Log]
    def initialize(declaration, log)
      @told = ReportedProblems.new(State.of(declaration), "log")
      @log = log
    end

    # @param run [CrmSync::Run]
    def write(run)
      # A run for a few users says nothing about the state of all.
      run.whole? ? tell(run, ReportedProblems.digest(run.refusals.map(&:signature))) : in_full(run)
    end

    private

    def tell(run, digest)
      case @told.compare(digest)
      when :news
        in_full(run)
        @told.keep(digest)
      when :same then @log.warn("still #{run.status}, as since #{since}: #{run.refusals.map(&:brief).join(", ")}")
      when :over then over if run.succeeded?
      end
    end

    def in_full(run)
      run.refusals.each { |refusal| @log.error(refusal) }
    end

    def over
      @log.info("recovered: what was held or blocked since #{since} is over")
      @told.forget
    end

    def since
      Presentable.time(@told.since)
    end
  end
  private_constant :RefusalLog
end
