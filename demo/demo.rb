# frozen_string_literal: true

require_relative "app"
require_relative "contact_demo"
require_relative "partner_demo"
require_relative "terminal"

# Both syncs, one after the other.
terminal = Terminal.new
exit [ContactDemo, PartnerDemo].map { |demo| demo.new(terminal).run }.all?
