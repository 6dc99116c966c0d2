# frozen_string_literal: true

# What the app itself does for the changes of a plan, and nothing else: each record loaded, saved with its callbacks,
# and logged, in a transaction of its own.
class HostWork
  def initialize
    @changes = UpdateUserSalesforceInfo.plan.changes.to_h { |change| [change.key, change.after] }
  end

  def call
    @changes.each_slice(100) do |slice|
      changes = slice.to_h
      User.where(id: changes.keys).each { |user| save(user, changes.fetch(user.id)) }
    end
    "#{@changes.size} saved"
  end

  private

  def save(user, after)
    User.transaction do
      user.assign_attributes(after)
      newly_confirmed = user.faculty_status_changed? && user.confirmed_faculty?
      user.save!
      SecurityLog.create!(user:, event_type: :faculty_verified, event_data: { user_id: user.id }) if newly_confirmed
    end
  end
end
