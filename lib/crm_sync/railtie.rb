# frozen_string_literal: true

module CrmSync
  # Registers the generator in a Rails app, and loads the whole gem at boot if the app sets +config.eager_load+.
  class Railtie < Rails::Railtie
    config.eager_load_namespaces << CrmSync

    generators { require_relative "../generators/crm_sync/install/install_generator" }
  end
  private_constant :Railtie
end
