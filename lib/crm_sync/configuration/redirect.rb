# frozen_string_literal: true

module CrmSync
  # Leads orgs and instances to simulators while they run. Nothing of ours speaks to any other host as long as one runs.
  class Redirect
    # A simulator: the settings that lead to it, and the only org or instance that it stands for; nil is all of them.
    Simulator = Struct.new(:service, :name, :settings)
    private_constant :Simulator

    def initialize
      @mutex = Mutex.new
      @running = [].freeze
    end

    # Has a service lead to a simulator.
    # @param service [String] such as +"Zendesk"+
    # @param name [Symbol, nil] the only org or instance for which it does; nil for all that have none of their own
    # @param settings [CrmSync::Configuration::Settings]
    # @return [Object] the argument of {#end}
    def begin(service, name, settings)
      simulator = Simulator.new(service, name&.to_sym, settings)
      @mutex.synchronize { @running = [simulator, *@running].freeze }
      simulator
    end

    # @param simulator [Object] the result of {#begin}
    def end(simulator)
      @mutex.synchronize { @running = @running.reject { |running| running.equal?(simulator) }.freeze }
    end

    # @param service [String]
    # @param name [Symbol] the org or instance
    # @return [CrmSync::Configuration::Settings, nil] those of the simulator that takes its place, the newest if there
    #   are several; nil where none runs at all
    # @raise [CrmSync::ConfigurationError] when simulators run, but none in its place
    def settings(service, name)
      running = @running
      return if running.empty?

      fitting = running.select { |simulator| simulator.service == service }
      found = fitting.find { |simulator| simulator.name == name } || fitting.find { |simulator| simulator.name.nil? }
      found ? found.settings : raise(ConfigurationError, missing(running.first, service, name))
    end

    private

    def missing(running, service, name)
      place = [running.service, running.name].compact.join(" ")
      "a simulator of #{place} runs, so that nothing speaks to any other host; there is none for #{service} #{name}: " \
        "start one with CrmSync::Testing::#{service}.start, or stop the other"
    end
  end
  private_constant :Redirect
end
