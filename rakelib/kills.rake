# frozen_string_literal: true

desc "Kill runs of both syncs at every moment of a larger world, each of which is printed; takes many minutes"
task kills: :compile do
  sh({ "CRM_SYNC_KILLS" => "all" }, "bundle", "exec", "rspec", "spec/safety/kill_spec.rb")
end
