# frozen_string_literal: true

require "crm_sync"

# So that each of them is there, whichever is named first.
CrmSync.eager_load!

# Lets specs name the constants that are private to the gem: they are looked at by themselves, and an app may not name
# them.
module Internals
  def const_missing(constant)
    return super unless name.to_s.match?(/\ACrmSync(::|\z)/) && const_defined?(constant, false)

    const_get(constant, false)
  end

  Module.prepend(self)
end
