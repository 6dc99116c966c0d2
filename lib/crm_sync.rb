# frozen_string_literal: true

require "logger"
require "monitor"
require "active_support"
require "active_support/core_ext/module/delegation"
require "active_support/core_ext/object/blank"
require "active_support/core_ext/string/filters"
require "active_support/core_ext/string/inflections"

require_relative "crm_sync/version"
require_relative "crm_sync/errors"
require_relative "crm_sync/internal"
require_relative "crm_sync/notices/confidential"
require_relative "crm_sync/native"
require_relative "crm_sync/notices/log"
require_relative "crm_sync/notices/host"
require_relative "crm_sync/configuration/redirect"
require_relative "crm_sync/railtie" if defined?(Rails::Railtie)

# Keeps an app's database in agreement with Salesforce: reads both sides, decides, shows the plan, applies it, and
# accounts for every row.
module CrmSync
  # The files that are loaded when one of their constants is first named; {eager_load!} loads them all. Each loads what
  # it needs, and covers its classes with {Confidential}. No file requires one of these: beside a thread that names the
  # constant, each would wait for the other.
  LAZY = {
    "comparison" => %i[Comparison Diff],
    "configuration" => %i[Configuration],
    "contact_sync" => %i[ContactSync Contacts],
    "email" => %i[Email],
    "email_index" => %i[EmailIndex],
    "organization_sync" => %i[OrganizationSync Organizations],
    "plan/signer" => %i[Signer],
    "salesforce" => %i[Salesforce],
    "sync" => %i[Change Diagnosis Dsl History Issue Ledger PastChange PastRun Plan Refusal Run Running ShadowReport],
    "zendesk" => %i[Zendesk]
  }.freeze
  # The models of the gem's tables: what names them has Active Record.
  ROWS = { OutboxRow: "outbox_row", StateRow: "store/rows/state_row", RunRow: "store/rows/run_row",
           ChangeRow: "store/rows/change_row" }.freeze
  private_constant :LAZY, :ROWS

  LAZY.each { |file, names| names.each { |name| autoload name, "crm_sync/#{file}" } }
  ROWS.each { |name, file| autoload name, "crm_sync/#{file}" }
  private_constant :Comparison, :Signer, :StateRow, :RunRow, :ChangeRow

  @redirect = Redirect.new
  @configuring = Monitor.new

  class << self
    # Sets hosts, credentials and limits; each can also come from the environment (see {Configuration}).
    #
    # @yieldparam configuration [CrmSync::Configuration]
    # @return [void]
    # @example
    #   CrmSync.configure do |config|
    #     config.salesforce.host = "example.my.salesforce.com"
    #     config.salesforce.client_id = Rails.application.credentials.salesforce[:id]
    #     config.salesforce.client_secret = Rails.application.credentials.salesforce[:secret]
    #   end
    def configure
      yield configuration
    end

    # Loads all that is otherwise loaded when it is first named, for processes that fork or have threads. A Rails app
    # with +config.eager_load+ calls it.
    # @return [void]
    # @example
    #   CrmSync.eager_load! # in a server's own preloading, where there is no Rails
    def eager_load!
      LAZY.each_value { |names| names.each { |name| const_get(name) } }
      Salesforce.eager_load!
      ROWS.each_key { |name| const_get(name) } if defined?(ActiveRecord::Base)
    end

    # @return [CrmSync::Configuration] the configuration of this process
    # @example
    #   CrmSync.configuration.salesforce.host # => "example.my.salesforce.com"
    def configuration
      # One for all threads, of which the first to ask loads its class, and lets the others in meanwhile.
      @configuration || @configuring.synchronize { @configuration ||= Configuration.new }
    end

    # @api private
    # @return [CrmSync::Redirect] the redirection of everything to simulators while they run
    attr_reader :redirect

    # Compares two lists of records: the comparing primitive, by itself. It needs neither Rails nor a configuration.
    #
    # A *key* is any text, without white space around it, or a number, which is its spelling: +1+, +1.0+ and +"1"+ are
    # one key. Case counts. Salesforce ids of 15 and 18 characters are different keys: bring them to one form before.
    #
    # *Fields* are compared by meaning: what is not there, nil and blank text are the same, white space around text does
    # not count, and +1+ is +1.0+. The other equalities depend on the kind:
    #
    # * +:any+ – text equals text, numbers equal numbers; Arrays and Hashes equal only their like; a time is the same
    #   moment in every zone
    # * +:text+ – numbers and truth values equal their spelling
    # * +:number+ – text that is a number equals the number
    # * +:checkbox+ – no value is false; +"true"+, +"1"+ and +1+ are true
    # * +:date+ – days, with or without a time of day behind them, each in its own zone
    # * +:drop_down+ – tags, whatever their case
    #
    # @param left [Enumerable<Hash>] records with Strings or Symbols for keys
    # @param right [Enumerable<Hash>] likewise
    # @param key [String, Symbol] the field that tells which record it is; a path such as +"account.id"+ leads into
    #   nested Hashes, unless there is a field of just this name
    # @param fields [Array<String, Symbol>, Hash{String, Symbol => Symbol}] the fields that are compared, which can be
    #   paths too; with their kinds, or all of the kind +:any+; none compares the keys only
    # @return [CrmSync::Diff]
    # @raise [ArgumentError] when something cannot be compared; the message says what, in which record (counted from 1),
    #   and what to do
    # @example
    #   left = [{ "id" => "a", "since" => "2022-02-24" }, { "id" => "b" }]
    #   right = [{ id: "a", since: Time.utc(2022, 2, 25) }]
    #   diff = CrmSync.diff(left, right, key: "id", fields: { "since" => :date })
    #   diff.only_left             # => [{ "id" => "b" }]
    #   diff.different.first.fields # => { "since" => ["2022-02-24", 2022-02-25 00:00:00 UTC] }
    def diff(left, right, key:, fields:)
      Comparison.new(left, right, key:, fields:).diff
    end

    # @return [Logger] the configured logger, else Rails', else one that writes nowhere
    # @example
    #   CrmSync.logger.info("about to sync")
    def logger
      # No configuration is made for it: one that nobody has made names no logger.
      @configuration&.logger || rails_logger || (@null ||= Logger.new(nil))
    end

    private

    def rails_logger
      Rails.logger if defined?(Rails) && Rails.respond_to?(:logger)
    end
  end

  Confidential.cover
end
