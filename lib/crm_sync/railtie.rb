# frozen_string_literal: true

module CrmSync
  # Brings the generator into a Rails app; does nothing at boot.
  class Railtie < Rails::Railtie
    generators { require_relative "../generators/crm_sync/install/install_generator" }
  end
  private_constant :Railtie
end
