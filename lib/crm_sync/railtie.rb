# frozen_string_literal: true

module CrmSync
  # Brings the generator into a Rails app; loads the whole gem at boot where the app has +config.eager_load+.
  class Railtie < Rails::Railtie
    config.eager_load_namespaces << CrmSync

    generators { require_relative "../generators/crm_sync/install/install_generator" }
  end
  private_constant :Railtie
end
