# frozen_string_literal: true

module CrmSync
  # Redirects orgs and instances to simulators while these run. While any simulator runs, no client of this gem connects
  # to any other host.
  class Redirect
    # Represents a simulator: the settings that lead to it, and the org or instance that it replaces; a name of nil
    # means all of them.
    Simulator = Struct.new(:service, :name, :settings)
    private_constant :Simulator

    def initialize
      @mutex = Mutex.new
      @running = [].freeze
      @servers = ObjectSpace::WeakMap.new
    end

    # Redirects a service to a simulator, and keeps the simulator running until it ends, or a newer one takes its place.
    # @param service [String] such as +"Zendesk"+
    # @param name [Symbol, nil] the org or instance that the simulator replaces; nil means all that have no simulator of
    #   their own
    # @param settings [CrmSync::Configuration::Settings]
    # @param server [Object] what listens, as long as it is referenced
    # @return [Object] a value for {#end}
    def begin(service, name, settings, server)
      simulator = Simulator.new(service, name&.to_sym, settings)
      @mutex.synchronize do
        @servers[simulator] = server
        keep([simulator, *@running])
      end
      simulator
    end

    # Ends the redirection to a simulator. The one whose place it took has it again, if anybody has kept that one.
    # @param simulator [Object] the value returned by {#begin}
    def end(simulator)
      @mutex.synchronize { keep(@running.reject { |running| running.equal?(simulator) }) }
    end

    # @param service [String]
    # @param name [Symbol] the org or instance
    # @return [CrmSync::Configuration::Settings, nil] the settings of the simulator that replaces the org or instance,
    #   the most recently started one if there are several; nil if no simulator runs at all
    # @raise [CrmSync::ConfigurationError] when simulators run, but none replaces this org or instance
    def settings(service, name)
      running = @running
      return if running.empty?

      fitting = running.select { |simulator| simulator.service == service }
      found = fitting.find { |simulator| simulator.name == name } || fitting.find { |simulator| simulator.name.nil? }
      found ? found.settings : raise(ConfigurationError, missing(running.first, service, name))
    end

    private

    # Keeps the server of the newest simulator of each place, which would stop if it were garbage-collected. Others are
    # not reached, and would take threads and descriptors for nothing; leaves out those that were collected.
    # @param simulators [Array<Simulator>] the newest first
    def keep(simulators)
      listening = simulators.map { |simulator| [simulator, @servers[simulator]] }.select(&:last)
      @running = listening.map(&:first).freeze
      @kept = listening.uniq { |simulator, _| [simulator.service, simulator.name] }.map(&:last)
    end

    def missing(running, service, name)
      place = [running.service, running.name].compact.join(" ")
      "a simulator of #{place} runs, so that nothing speaks to any other host; there is none for #{service} #{name}: " \
        "start one with CrmSync::Testing::#{service}.start, or stop the other"
    end
  end
  private_constant :Redirect
end
