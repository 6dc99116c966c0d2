# frozen_string_literal: true

# Examples with `:quiet_sql`, which raise something into a thread: Ruby's Logger swallows what comes while it writes one
# of Rails' lines about SQL. (Lines of ours are safe from that; see spec/safety/log_spec.rb.)
RSpec.configure do |config|
  config.around(:each, :quiet_sql) do |example|
    next example.run unless defined?(ActiveRecord::Base)

    begin
      logger = ActiveRecord::Base.logger
      ActiveRecord::Base.logger = nil
      example.run
    ensure
      ActiveRecord::Base.logger = logger
    end
  end
end
