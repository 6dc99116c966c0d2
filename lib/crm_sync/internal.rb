# frozen_string_literal: true

module CrmSync
  # What no app may name and several namespaces of the gem have to: a private constant can be named only from within the
  # namespace that it stands in.
  module Internal
  end
  private_constant :Internal
end
