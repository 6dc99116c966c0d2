# frozen_string_literal: true

require_relative "canaries"
require_relative "confidential_contacts"
require_relative "confidential_partners"
require_relative "simulated"

# Both syncs with all that belongs to them, told with canaries: reads, writes, undo, shadow, stages, clients, and
# whatever can go wrong.
module ConfidentialWorld
  SECRETS = Canaries::SECRETS

  def self.included(group)
    group.include ConfidentialContacts
    group.include ConfidentialPartners # whose accounts are meant
    group.before { plant }
    group.after { uproot }
  end

  # Does everything, and gives what was said meanwhile: log lines, what was published, what errors told.
  def watch_everything
    @others = Set.new.compare_by_identity
    ours.each_value { |objects| @others.merge(objects) }
    GC.disable # what came to be is there to be looked at
    said = []
    # Rails publishes statements and transactions with the records in them, which are about people by their nature.
    listener = ->(name, *, payload) { said << "#{name} #{payload.inspect}" unless name.end_with?(".active_record") }
    lines = ActiveSupport::Notifications.subscribed(listener, /./) do
      logged { [contact_runs, contact_troubles, kept_runs, partner_runs, partner_troubles] }
    end
    [lines, *said, *@errors.map { |error| told(error) }]
  end

  # Files that show a secret, or that others can read.
  def secrets_in_files
    files_below(scratch).filter_map do |path, text|
      secrets = SECRETS.values.select { |secret| text.include?(secret) }
      [path, secrets] if secrets.any? || File.stat(path).mode.anybits?(0o077)
    end
  end

  private

  def plant
    @errors = []
    @kept = []
    config = CrmSync.configuration
    config.plan_secret = SECRETS[:plan_secret]
    config.salesforce(:canary).password = SECRETS[:password]
    config.salesforce(:canary).refresh_token = SECRETS[:refresh_token]
    config.zendesk(:canary).api_token = SECRETS[:api_token]
    config.zendesk(:canary).token = SECRETS[:zendesk_token]
    config.zendesk(:canary).email = address("agent")
    @kept.push(config.salesforce(:canary), CrmSync::Internal::SessionFile.new, session_cache)
  end

  def session_cache
    secret = SECRETS[:plan_secret].ljust(32, "x")[0, 32]
    CrmSync::Salesforce::SessionCache.new(cache: ActiveSupport::Cache::MemoryStore.new, secret:)
  end

  def uproot
    CrmSync.configuration.plan_secret = nil
    %i[@salesforce @zendesk].each { |name| CrmSync.configuration.instance_variable_get(name).delete(:canary) }
    GC.enable
  end

  def keep(*objects)
    @kept.concat(objects)
    objects.first
  end

  def failing(kind)
    yield
    raise "there was no #{kind}"
  rescue kind => e
    @errors << e
  end
end
