# frozen_string_literal: true

desc "Interrupt runs at random moments, for MINUTES (60), and print what came of it by kind of interrupt and database"
task interrupts: :compile do
  sh({ "CRM_SYNC_INTERRUPTS" => ENV.fetch("MINUTES", "60") }, "bundle", "exec", "rspec",
     "spec/safety/interrupts_spec.rb")
end
