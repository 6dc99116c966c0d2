# frozen_string_literal: true

require_relative "host_world"

# Hosts with tables and models of their own, in the place of the dummy's while an example runs, and the recipes that are
# written for them.
#
#   on_each_host_database do
#     before { host_table(:users) { |t| t.string :email } && host_model("User") }
#     let(:sync) { recipe("devise") }
#   end
module HostApp
  TEMPLATES = File.join(Leftovers::CHECKOUT, "lib/generators/crm_sync/install/templates")

  def self.included(group)
    group.include HostWorld
  end

  # A table in the place of the one of that name. Its model is to be made afterwards.
  def host_table(name, **options, &)
    tables.create_table(name, force: true, **options, &)
    tables.clear_cache!
    tables.schema_cache.clear!
  end

  # A model with what the host says in it.
  def host_model(name, parent = ApplicationRecord, &body)
    stub_const(name, Class.new(parent)).tap { |model| model.class_eval(&body) if body }
  end

  # The sync that the generator writes into a host: the file itself, and no copy of it.
  def recipe(name)
    path = File.join(TEMPLATES, "#{name}.rb.tt")
    stub_const(File.read(path)[/^class (\w+)/, 1], Class.new(CrmSync::ContactSync)).tap { load path }
  end

  # A record of Salesforce with only these fields.
  def record(prefix, **fields)
    { "Id" => salesforce_id(prefix), **fields.transform_keys(&:to_s) }
  end
end
