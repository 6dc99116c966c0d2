# frozen_string_literal: true

module CrmSync
  # Holds the classes that several namespaces of the gem use and no app may name. A private constant can be named only
  # from within the namespace that defines it.
  module Internal
  end
  private_constant :Internal
end
