# frozen_string_literal: true

desc "Ruby lints"
task :lint do
  step "rubocop"
  sh "bundle exec rubocop --format progress"
end

desc "Specs"
task spec: :compile do
  step "rspec"
  sh "bundle exec rspec"
end
