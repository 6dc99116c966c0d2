# frozen_string_literal: true

# For a run of specs in which objects move at every major collection, and before every example.
RSpec.configure do |config|
  config.before do
    GC.start # see spec/native/compaction_spec.rb
    GC.auto_compact = true
    GC.compact
  end
  config.after { GC.auto_compact = false }
end
