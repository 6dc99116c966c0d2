# frozen_string_literal: true

require "zlib"
require_relative "contact_sync_world"
require_relative "simulated"

# An org whose records have stamps, a sync that reads incrementally, and looks at what it asked for and what it keeps.
module IncrementalWorld
  def self.included(group)
    group.include ContactSyncWorld
    group.before { CrmSync.configuration.state_dir = scratch }
    group.after { CrmSync.configuration.state_dir = nil }
  end

  # Writes a time as Salesforce does.
  def stamp(ago = 0)
    (Time.current - ago).utc.strftime("%Y-%m-%dT%H:%M:%S.000+0000")
  end

  # A record as it was changed so long ago.
  def changed(record, ago: 0, **fields)
    { **record, **fields.transform_keys(&:to_s), "SystemModstamp" => stamp(ago) }
  end

  # The org's records, all changed long ago but for those that say otherwise.
  def org_has(*records, **options)
    old = { "SystemModstamp" => stamp(1.week), "IsDeleted" => false }
    salesforce_has(*records.map { |record| { **old, **record } }, **options)
  end

  def incremental_sync(name = "IncrementalSync", **options, &more)
    sync_that(name) do
      incremental full_every: 1.day, **options
      attribute :faculty_status, from: "Faculty_Verified__c", privileged: :confirmed_faculty,
                                 map: { "Confirmed" => :confirmed_faculty, "Pending" => :pending_faculty,
                                        nil => :no_faculty_info }
      instance_exec(&more) if more
    end
  end

  # The queries that the block has Salesforce asked.
  def asked
    before = salesforce.requests.size
    yield
    salesforce.requests.drop(before).filter_map { |request| request["query"] }
  end

  # Returns whether only changes were read while the block ran.
  def incremental?(&)
    asked(&).any? { |query| query.include?("SystemModstamp >=") && query.include?("IsDeleted") }
  end

  # The files in which rows are kept.
  def snapshots
    Dir[CrmSync::PrivateFolder.state.path("*.jsonl.gz")]
  end

  # The rows that are kept, without what became of those that did not come.
  def kept_rows(source = "contacts")
    lines = snapshots.grep(/-#{source}-/).flat_map { |path| Zlib.gunzip(File.binread(path)).lines }
    lines.map { |line| JSON.parse(line) }.grep(Array)
  end

  # The watermark that is kept, and all that belongs to it.
  def kept_state
    CrmSync::StateRow.where("name LIKE 'last read%'").pick(:value)
  end
end
